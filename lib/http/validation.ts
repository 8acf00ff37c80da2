import { checkSchema, matchedData, type ParamSchema, validationResult } from 'express-validator';
import { BODY_LIMIT, DEVICE_NAME_MAX_LENGTH } from '../config/limits.js';
import type { Fault, FaultCode, FieldFault } from '../errors.js';
import { isEmailAddress, normalizeEmail } from '../security/email-address.js';
import { isPersonName } from '../security/person-name.js';

/** A JSON Schema (2020-12), as OpenAPI 3.1 takes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a body may have in one field. */
export interface Field {
  /** As it is carried out: a row of `express-validator`'s own tables. */
  check: ParamSchema;
  /** The same, as a reader can tell it. */
  schema: JsonSchema;
  required: boolean;
  /** Another name that the field may come by. */
  alias?: string;
}

/** What a route accepts, a row a field. */
export type Rules = Readonly<Record<string, Field>>;

/** Rules of several kinds of input; the body says which it is. */
export interface RuleChoice {
  /** @throws an AuthError when it is none of them */
  choose(body: Readonly<Record<string, unknown>>): string;
  choices: Readonly<Record<string, Rules>>;
}

/** What came of a check. */
export interface Checked {
  /** The fields that the rules name and that are good, sanitised; nothing else of the body. */
  input: Record<string, unknown>;
  /** One a field. */
  faults: FieldFault[];
}

/** Checks bodies against rules. @throws what a choice of rules throws */
export type Validator = (body: Readonly<Record<string, unknown>>) => Promise<Checked>;

/** Once a route: the chains behind it are made now, and only run for a request. */
export function createValidator(rules: Rules | RuleChoice): Validator {
  if (isChoice(rules)) {
    const validators = new Map(
      Object.entries(rules.choices).map(([name, choice]) => [name, createValidator(choice)]),
    );
    return async (body) => (validators.get(rules.choose(body)) as Validator)(body);
  }
  const fields = Object.entries(rules);
  const chains = checkSchema(Object.fromEntries(fields.map(([name, { check }]) => [name, check])), ['body']);
  return async (given) => {
    const body = Object.fromEntries(
      fields
        .map(([name, { alias }]) => [name, given[name] ?? (alias === undefined ? undefined : given[alias])])
        .filter(([, value]) => value !== undefined),
    );
    const request = { body };
    await chains.run(request);
    // The fields are checked side by side; they are told in the order of the rules.
    const found = validationResult(request).mapped();
    const faults = fields.flatMap(([name]) => (found[name] ? [toFault(name, found[name].msg)] : []));
    return { input: matchedData(request, { locations: ['body'] }), faults };
  };
}

function isChoice(rules: Rules | RuleChoice): rules is RuleChoice {
  return typeof rules['choose'] === 'function';
}

/** A check of an app's own feature may have a sentence alone. */
function toFault(field: string, message: Fault | string): FieldFault {
  const { code, detail } = typeof message === 'string' ? fault('invalid', message) : message;
  return { code, detail, pointer: `#/${field}` };
}

function fault(code: FaultCode, detail: string): Fault {
  return { code, detail };
}

/**
 * A string that is there and not empty. Always first: the other validators take arrays and objects for strings.
 *
 * @param label how messages begin
 * @param options.alias another name that the field may come by
 *
 * @example
 * rules: { code: requiredString('The code') }
 */
export function requiredString(label: string, { alias }: { alias?: string } = {}): Field {
  const check: ParamSchema = {
    exists: {
      options: { values: 'null' },
      errorMessage: fault('required', `${label} is required.`),
      bail: true,
    },
    isString: { errorMessage: fault('invalid_type', `${label} must be a string.`), bail: true },
    notEmpty: { errorMessage: fault('required', `${label} must not be empty.`), bail: true },
    // No body that the kit parses holds a longer one; a body that the app has parsed may.
    isLength: {
      options: { max: BODY_LIMIT },
      errorMessage: fault('too_long', `${label} is too long.`),
      bail: true,
    },
  };
  const schema = { type: 'string', minLength: 1, maxLength: BODY_LIMIT };
  return { check, schema, required: true, ...(alias !== undefined && { alias }) };
}

/** A string, or absent; null counts as absent. */
export function optionalString(label: string): Field {
  const { check, schema } = requiredString(label);
  const { exists: _required, ...checks } = check;
  return {
    check: { optional: { options: { values: 'null' } }, ...checks },
    schema: { ...schema, type: ['string', 'null'] },
    required: false,
  };
}

/** An address: normalised, then validated, so that what is compared is what was checked. */
export function emailAddress(label: string): Field {
  const { check, schema } = requiredString(label);
  const errorMessage = fault('invalid_email', `${label} must be an email address.`);
  return {
    check: {
      ...check,
      customSanitizer: { options: (value: string) => normalizeEmail(value) },
      custom: { options: isEmailAddress, errorMessage },
    },
    schema: { ...schema, format: 'email' },
    required: true,
  };
}

/** A person's name: one line of text. */
export function personName(label: string, maxLength: number): Field {
  return {
    check: {
      optional: { options: { values: 'null' } },
      isString: { errorMessage: fault('invalid_type', `${label} must be a string.`), bail: true },
      isLength: {
        options: { max: maxLength },
        errorMessage: fault('too_long', `${label} must have at most ${maxLength} characters.`),
        bail: true,
      },
      custom: {
        options: isPersonName,
        errorMessage: fault('invalid_characters', `${label} must not contain invisible characters.`),
      },
    },
    schema: { type: ['string', 'null'], maxLength },
    required: false,
  };
}

/** Yes or no, or absent: in JSON as such, in a form as a word. */
export function flag(label: string): Field {
  return {
    check: {
      optional: { options: { values: 'null' } },
      custom: {
        options: (value: unknown) => [true, false, 'true', 'false'].includes(value as never),
        errorMessage: fault('invalid_type', `${label} must be true or false.`),
        bail: true,
      },
      customSanitizer: { options: (value: unknown) => String(value) === 'true' },
    },
    schema: { type: ['boolean', 'null'] },
    required: false,
  };
}

/** What a client calls itself: one line of text, blanks around it left out. An empty one counts as absent. */
export function deviceName(label: string): Field {
  const { check, ...field } = personName(label, DEVICE_NAME_MAX_LENGTH);
  const sanitize = { customSanitizer: { options: (name: string) => name.trim() || null } };
  return { ...field, check: { ...check, ...sanitize } };
}
