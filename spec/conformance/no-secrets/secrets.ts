import type { RequestHandler } from 'express';
import type { Mailbox } from 'express-auth-kit/testing';
import { interceptCommands } from '../../support/intercept-commands.js';

/** By these names clients are answered what is secret, and send it. */
const ANSWERED = ['access_token', 'refresh_token', 'challenge', 'mfa_token'];
const ASKED = [...ANSWERED, 'password', 'current_password', 'new_password', 'token', 'code'];
/** By these the database is told it, in whichever operation. */
const IN_THE_DATABASE = [
  ...['password', 'passwordHash', 'passwordStamp', 'securityStamp', 'stamp', 'stamps', 'boundTo'],
  ...['hash', 'formerHash', 'handle', 'salt'],
];
/** Shorter ones turn up by chance. */
const SHORTEST = 6;

/** What a person with the logs could use, noted wherever it comes by. */
export interface Secrets {
  add(...secrets: (string | undefined)[]): void;
  /** Notes what comes in and goes out by HTTP. The kit reads the bodies itself, as ever. */
  onTheWire: RequestHandler;
  /** Notes what is in the mails of a mailbox. */
  inMails(mailbox: Mailbox): void;
  /** Notes what any database is told. @returns what stops it */
  inCommands(): () => void;
  /** Those that a text has, in any form: as it is, encoded for URLs, in base64, a token by its parts. */
  foundIn(text: string): string[];
  /** How many there are. */
  count(): number;
}

export function createSecrets(): Secrets {
  const known = new Set<string>();
  const add: Secrets['add'] = (...secrets) => {
    for (const secret of secrets) if (secret && secret.length >= SHORTEST) known.add(secret);
  };
  const addAll = (value: unknown, names: readonly string[]) => {
    for (const text of textsUnder(value, names)) add(text);
  };
  return {
    add,
    onTheWire(req, res, next) {
      add(/^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1]);
      const [asked, answered] = [[] as string[], [] as string[]];
      const emit = req.emit;
      req.emit = function (name: string | symbol, ...given: unknown[]) {
        if (name === 'data') asked.push(String(given[0]));
        if (name === 'end') addAll(parse(asked.join('')), ASKED);
        return emit.call(this, name, ...given);
      };
      const end = res.end as (...given: unknown[]) => typeof res;
      res.end = (...given: unknown[]) => {
        if (typeof given[0] === 'string' || Buffer.isBuffer(given[0])) answered.push(String(given[0]));
        addAll(parse(answered.join('')), ANSWERED);
        return end.apply(res, given);
      };
      next();
    },
    inMails({ messages }) {
      for (const { text } of messages) {
        add(/[?&]token=([\w-]+)/.exec(text)?.[1], /\b\d{6}\b/.exec(text)?.[0]);
      }
    },
    inCommands: () =>
      interceptCommands((command, send) => {
        addAll(command.body, IN_THE_DATABASE);
        return send();
      }),
    foundIn: (text) => [...known].filter((secret) => formsOf(secret).some((form) => form.test(text))),
    count: () => known.size,
  };
}

/** Of JSON or a form; of what is neither, nothing. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return Object.fromEntries(new URLSearchParams(text));
  }
}

/** The texts that are somewhere below one of some names. */
function textsUnder(
  value: unknown,
  names: readonly string[],
  { isNamed = false, met = new Set<object>() } = {},
): string[] {
  // `'$securityStamp'` is a field, and what an undo is bound to is a time.
  if (typeof value === 'string') return isNamed && !/^\$[a-z]|^\d{4}-\d\d-\d\dT/i.test(value) ? [value] : [];
  if (value === null || typeof value !== 'object' || met.has(value)) return [];
  met.add(value);
  return Object.entries(value).flatMap(([name, each]) => {
    const last = name.split('.').at(-1) as string;
    return textsUnder(each, names, { isNamed: isNamed || names.includes(last), met });
  });
}

function formsOf(secret: string): RegExp[] {
  // A short number is part of many others.
  if (/^\d+$/.test(secret)) return [new RegExp(`\\b${secret}\\b`)];
  const [, payload, signature] = /^eyJ[\w-]+\.([\w-]+)\.([\w-]+)$/.exec(secret) ?? [];
  const parts = [secret, payload, signature].filter((part) => part !== undefined && part.length >= SHORTEST);
  const forms = (parts as string[]).flatMap((part) => [
    part,
    encodeURIComponent(part),
    JSON.stringify(part).slice(1, -1),
    Buffer.from(part).toString('base64').replace(/=+$/, ''),
  ]);
  return [...new Set(forms)].map((form) => new RegExp(form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
}
