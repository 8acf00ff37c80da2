import { type Html, html } from './html.js';
import { faultText, refusalText } from './words.js';

/** What the kit has sent back with a page: `?error=...&fields=...`, and never what was typed. */
export interface SentBack {
  error?: string | undefined;
  fields: readonly string[];
  retryAfter?: number | undefined;
  returnTo?: string | undefined;
}

/** Reads it from the query of a request: all of it is anybody's text. */
export function sentBack(query: Readonly<Record<string, unknown>>): SentBack {
  const text = (name: string) => (typeof query[name] === 'string' ? query[name] : undefined);
  const seconds = Number(text('retry_after'));
  return {
    error: text('error'),
    fields: text('fields')?.split(',') ?? [],
    retryAfter: seconds > 0 ? seconds : undefined,
    returnTo: text('return_to'),
  };
}

/** What went wrong, above the form: told to screen readers when the page opens. */
export function notice({ error, retryAfter }: SentBack): Html {
  if (!error) return html``;
  return html`<p class="notice bad" role="alert">${refusalText(error, retryAfter)}</p>`;
}

/** That something is done. */
export function done(text: string): Html {
  return html`<p class="notice good" role="status">${text}</p>`;
}

interface Field {
  name: string;
  label: string;
  type?: 'text' | 'email' | 'password' | 'tel';
  /** For password managers and phones: which value it is. */
  autocomplete: string;
  value?: string | undefined;
  hint?: string;
  required?: boolean;
  /** More attributes, as markup. */
  more?: Html;
}

/** A field with its label, its hint and its fault: each belongs to the input for screen readers too. */
export function field(given: Field, back: SentBack = { fields: [] }): Html {
  const { name, label, type = 'text', autocomplete, value, hint, required = true, more = html`` } = given;
  const isFaulty = back.fields.includes(name);
  const described = [hint ? `${name}-hint` : '', `${name}-fault`].filter(Boolean).join(' ');
  return html`<div class="field">
<label for="${name}">${label}${required ? '' : html` <span class="optional">optional</span>`}</label>
<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" ${value === undefined ? '' : html`value="${value}"`}
${required ? html`required` : ''} ${isFaulty ? html`aria-invalid="true"` : ''} aria-describedby="${described}" ${more}>
${hint ? html`<p class="hint" id="${name}-hint">${hint}</p>` : ''}
<p class="fault" id="${name}-fault">${isFaulty ? faultText(name) : ''}</p>
</div>`;
}

/** Where a form leads when it is done, and where when it is not. */
export function ways(returnTo: string, errorTo: string): Html {
  return html`<input type="hidden" name="return_to" value="${returnTo}"><input type="hidden" name="error_to" value="${errorTo}">`;
}
