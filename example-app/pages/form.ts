import { type Html, html } from './html.js';
import { faultText, fieldsOf, refusalText } from './words.js';

/** What the kit has sent back with a page: `?error=...&fields=...`, and never what was typed. */
export interface SentBack {
  /** The form it is about, where a page has several; and that it is done, where there is no error. */
  form?: string | undefined;
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
    form: text('form'),
    error: text('error'),
    fields: text('fields')?.split(',') ?? [],
    retryAfter: seconds > 0 ? seconds : undefined,
    returnTo: text('return_to'),
  };
}

/** That something is done. */
export function done(text: string): Html {
  return html`<p class="notice good" role="status">${text}</p>`;
}

/** What went wrong. */
export function failed(text: string): Html {
  return html`<p class="notice bad" role="alert">${text}</p>`;
}

interface Form {
  /** Of the kit: what the form posts to. */
  action: string;
  /** What came of it, unless that is about another form of the page. */
  back?: SentBack | undefined;
  /** Tells several forms of a page apart. */
  name?: string;
  /** What is said when it is done, where the page stays. */
  said?: string;
  /** Where that is said, if not in the form: the id of a feedback of the page's. */
  feedbackAt?: string;
  /** Where it leads when it is done, and when it is not. */
  returnTo?: string | undefined;
  errorTo?: string | undefined;
  /** Whose password it asks for, for password managers: they look for a text field before it. */
  owner?: string;
  fields: readonly Field[];
  /** What else is in it, between the fields and the button. */
  more?: Html;
  button: string;
  /** The button's name for screen readers, where its text does not say enough. */
  label?: string;
  /** How the button looks. */
  look?: 'quiet' | 'danger' | 'link';
}

/** A form that works as it is, and that the page's script sends without leaving the page. */
export function form(given: Form): Html {
  const {
    action,
    name,
    said,
    feedbackAt,
    returnTo,
    errorTo,
    owner,
    fields,
    more = html``,
    button,
    label,
    look,
  } = given;
  const back = given.back?.form === name ? given.back : undefined;
  const has = (field: string) => fields.some((each) => each.name === field);
  const faulty = back?.error ? [...back.fields.filter(has), ...fieldsOf(back.error, has)] : [];
  return html`<form method="post" action="${action}" ${name ? html`id="${name}"` : ''} ${said ? html`data-said="${said}"` : ''} ${feedbackAt ? html`data-feedback="${feedbackAt}"` : ''}>
${feedbackAt ? '' : feedback(faulty.length === 0 ? back : undefined, name && said)}
${owner === undefined ? '' : html`<input type="text" name="username" autocomplete="username" value="${owner}" hidden readonly>`}
${fields.map((each) => field({ ...each, prefix: name, fault: faulty.includes(each.name) ? faultText(wordOf(each), back?.error) : '', isFocused: each.name === faulty[0] }))}
${more}
${returnTo === undefined ? '' : hidden('return_to', returnTo)}${errorTo === undefined ? '' : hidden('error_to', errorTo)}
<button ${look ? html`class="${look}"` : ''} ${label ? html`aria-label="${label}"` : ''}>${button}</button>
</form>`;
}

/** By which name its fault is told: a password that is known is not chosen. */
function wordOf({ name, autocomplete }: Field): string {
  return autocomplete === 'current-password' ? 'current_password' : name;
}

/** What came of a form; the script writes here too. */
export function feedback(back: SentBack | undefined, said: string | undefined, more: Html = html``): Html {
  const text = back?.error
    ? failed(refusalText(back.error, back.retryAfter))
    : back && said
      ? done(said)
      : '';
  return html`<div class="feedback" ${more}>${text}</div>`;
}

/** Where the forms of a page with several lead: back to themselves. */
export function inPlace(path: string, name: string): Pick<Form, 'name' | 'returnTo' | 'errorTo'> {
  return { name, returnTo: `${path}?form=${name}#${name}`, errorTo: `${path}?form=${name}#${name}` };
}

export function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}">`;
}

export interface Field {
  name: string;
  label: string;
  type?: 'text' | 'email' | 'password' | 'tel';
  /** For password managers and phones: which value it is. */
  autocomplete: string;
  value?: string | undefined;
  hint?: Html | string;
  required?: boolean;
  /** More attributes, as markup. */
  more?: Html;
}

/** A field with its label, its hint and its fault: each belongs to the input for screen readers too. */
export function field(
  given: Field & { prefix?: string | undefined; fault?: string; isFocused?: boolean },
): Html {
  const { name, label, type = 'text', autocomplete, value, hint, required = true, more = html`` } = given;
  const { prefix, fault = '', isFocused = false } = given;
  const id = prefix ? `${prefix}-${name}` : name;
  const described = [hint ? `${id}-hint` : '', `${id}-fault`].filter(Boolean).join(' ');
  return html`<div class="field">
<label for="${id}">${label}${required ? '' : html` <span class="optional">optional</span>`}</label>
<span class="box"><input id="${id}" name="${name}" type="${type}" autocomplete="${autocomplete}" ${value === undefined ? '' : html`value="${value}"`}
${required ? html`required` : ''} ${fault ? html`aria-invalid="true"` : ''} ${isFocused ? html`autofocus` : ''} aria-describedby="${described}" ${more}></span>
${hint ? html`<div class="hint" id="${id}-hint">${hint}</div>` : ''}
<p class="fault" id="${id}-fault">${fault}</p>
</div>`;
}
