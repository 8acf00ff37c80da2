import type * as Kit from '../lib/index.js';
import type * as Testing from '../lib/testing/index.js';

// As an app has it: built. By its own name it is not found from here, since `bench/` is a package of its own.
const load = (file: string) => import(new URL(`../dist/${file}`, import.meta.url).href);

export const { BaseUser, createAuthRouter }: typeof Kit = await load('index.js');
export const { createMailbox }: typeof Testing = await load('testing/index.js');
