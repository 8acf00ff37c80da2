import express from 'express';
import { type AuthOptions, optionsFromEnv } from 'express-auth-kit';
import { StartError, startErrorOf } from './start-error.js';

type Env = Readonly<Record<string, string | undefined>>;

/** What the environment says about the app; the `AUTH_` variables, `SMTP_URL` and `MAIL_FROM` are the kit's. */
export interface Config {
  production: boolean;
  port: number;
  host: string;
  /** Express's `trust proxy`. */
  trustProxy: boolean | number | string[];
  /** Of pages that are served from elsewhere, and may ask this app. */
  corsOrigins: string[];
  /** Absent: the app starts a MongoDB of its own. */
  mongodbUri: string | undefined;
  /** The kit's options as far as the environment gives them. */
  auth: Omit<AuthOptions, 'User' | 'hooks' | 'templates'>;
}

/** The app's own variables. `.env.example` lists them and the kit's, which a spec holds. */
export const APP_VARIABLES = [
  'NODE_ENV',
  'PORT',
  'HOST',
  'TRUST_PROXY',
  'CORS_ORIGINS',
  'MONGODB_URI',
] as const;

type Variable = (typeof APP_VARIABLES)[number];

/**
 * Reads and checks the environment. An empty variable counts as absent.
 *
 * @throws StartError: one line that names the variable, what was given and what is allowed
 */
export function readConfig(env: Env): Config {
  const read = (name: Variable) => env[name] || undefined;
  const production = isProduction(read('NODE_ENV'));
  if (production) requireInProduction(env, ['AUTH_SECRET_KEY', 'MONGODB_URI']);
  return {
    production,
    port: parsePort(read('PORT') ?? '3000'),
    host: read('HOST') ?? '127.0.0.1',
    trustProxy: parseTrustProxy(read('TRUST_PROXY') ?? 'false'),
    corsOrigins: parseOrigins(read('CORS_ORIGINS')),
    mongodbUri: read('MONGODB_URI'),
    auth: startErrorOf(() => optionsFromEnv(env)),
  };
}

/** Not `=== 'production'` alone: with `prod` the mails of all users would be open to everybody. */
function isProduction(value = 'development'): boolean {
  const allowed = ['development', 'test', 'production'];
  if (!allowed.includes(value)) refuse('NODE_ENV', value, allowed.join(', '));
  return value === 'production';
}

function requireInProduction(env: Env, names: readonly string[]): void {
  const missing = names.filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new StartError(`${missing.join(' and ')}: required with NODE_ENV=production, and not given`);
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) refuse('PORT', text, '0 to 65535, 0 = any free port');
  return port;
}

function parseTrustProxy(text: string): Config['trustProxy'] {
  const value = trustProxyValue(text);
  try {
    // Express itself knows which names and addresses it takes.
    express().set('trust proxy', value);
  } catch {
    refuse('TRUST_PROXY', text, 'true, false, a number of proxies, or addresses and networks with commas');
  }
  return value;
}

function trustProxyValue(text: string): Config['trustProxy'] {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d{1,3}$/.test(text) ? Number(text) : text.split(',').map((part) => part.trim());
}

function parseOrigins(text: string | undefined): string[] {
  const origins = text?.split(',').map((origin) => origin.trim()) ?? [];
  const isOrigin = (origin: string) => URL.canParse(origin) && new URL(origin).origin === origin;
  if (!origins.every(isOrigin))
    refuse('CORS_ORIGINS', text ?? '', 'origins with commas between them, e.g. http://localhost:5173');
  return origins;
}

function refuse(name: Variable, given: string, allowed: string): never {
  throw new StartError(`${name}: ${JSON.stringify(given)} given; allowed: ${allowed}`);
}
