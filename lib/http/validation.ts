import { checkSchema, matchedData, type ParamSchema, type Schema, validationResult } from 'express-validator';
import { type FieldFault, ValidationFailed } from '../errors.js';
import { isEmailAddress, normalizeEmail } from '../models/email.js';
import { BODY_LIMIT } from './body.js';

/** What a route accepts, a row a field: `express-validator`'s own tables. */
export type Rules = Schema;

/**
 * Checks a body against a route's rules.
 *
 * @returns the fields the rules name, sanitised; nothing else of the body
 * @throws ValidationFailed (`validation_failed`, 422) with one fault a field
 */
export async function validate<Input>(rules: Rules, body: Record<string, unknown>): Promise<Input> {
  const request = { body };
  await checkSchema(rules, ['body']).run(request);
  const faults = validationResult(request)
    .array({ onlyFirstError: true })
    .map(
      (error): FieldFault => ({
        detail: error.msg,
        pointer: error.type === 'field' ? `#/${error.path}` : '#',
      }),
    );
  if (faults.length > 0) throw new ValidationFailed(faults);
  return matchedData<Input & Record<string, unknown>>(request, { locations: ['body'] });
}

/** A string that is there and not empty. Always first: the other validators take arrays and objects for strings. */
export function requiredString(label: string): ParamSchema {
  return {
    exists: { options: { values: 'null' }, errorMessage: `${label} is required.`, bail: true },
    isString: { errorMessage: `${label} must be a string.`, bail: true },
    notEmpty: { errorMessage: `${label} must not be empty.`, bail: true },
    // No body that the kit parses holds a longer one; a body that the app has parsed may.
    isLength: { options: { max: BODY_LIMIT }, errorMessage: `${label} is too long.`, bail: true },
  };
}

/** A string, or absent; null counts as absent. */
export function optionalString(label: string): ParamSchema {
  const { exists: _required, ...checks } = requiredString(label);
  return { optional: { options: { values: 'null' } }, ...checks };
}

/** An address: normalised, then validated, so that what is compared is what was checked. */
export function emailAddress(label: string): ParamSchema {
  const errorMessage = `${label} must be an email address.`;
  return {
    ...requiredString(label),
    customSanitizer: { options: (value: string) => normalizeEmail(value) },
    custom: { options: isEmailAddress, errorMessage },
  };
}

/** A person's name: one line of text. */
export function personName(label: string, maxLength: number): ParamSchema {
  return {
    optional: { options: { values: 'null' } },
    isString: { errorMessage: `${label} must be a string.`, bail: true },
    isLength: {
      options: { max: maxLength },
      errorMessage: `${label} must have at most ${maxLength} characters.`,
      bail: true,
    },
    custom: { options: isPlainText, errorMessage: `${label} must not contain control characters.` },
  };
}

/** Well-formed Unicode without control characters: no NUL, no line break that could end a header, no lone surrogate. */
function isPlainText(value: string): boolean {
  return value.isWellFormed() && !/\p{Cc}/u.test(value);
}
