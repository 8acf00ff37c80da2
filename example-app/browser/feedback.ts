import type { AuthClientError } from 'express-auth-kit/client';
import { faultText, fieldsOf, refusalText } from '../pages/words.js';

/** Screen readers read out what comes into a live region, if it was one before. */
export function openFeedback(): void {
  for (const each of document.querySelectorAll('.feedback:not([tabindex])'))
    each.setAttribute('aria-live', 'polite');
}

/** Says that a form is done, in the form's own words. */
export function said(form: HTMLFormElement): void {
  clear(form);
  show(feedbackOf(form), 'good', form.dataset['said'] ?? '');
}

/** Says what is wrong: beside the field, if it is about one, and puts the cursor there; else above the form. */
export function showRefusal(form: HTMLFormElement, error: AuthClientError): void {
  clear(form);
  const texts = new Map<HTMLInputElement, string>();
  for (const { pointer, detail } of error.errors) {
    const input = inputOf(form, pointer.slice(2));
    if (input) texts.set(input, detail);
  }
  for (const name of fieldsOf(error.code, (each) => inputOf(form, each) !== undefined)) {
    texts.set(inputOf(form, name) as HTMLInputElement, faultText(name, error.code));
  }
  for (const [input, text] of texts) mark(input, text);
  const [first] = texts.keys();
  if (!first) show(feedbackOf(form), 'bad', refusalText(error.code, error.retryAfter));
  // Where the cursor is there already, screen readers would not read out what is new.
  first?.blur();
  first?.focus();
}

/** A form that has no place for it names one of the page's. */
function feedbackOf(form: HTMLFormElement): HTMLElement | null {
  const { feedback } = form.dataset;
  return feedback ? document.getElementById(feedback) : form.querySelector('.feedback');
}

function inputOf(form: HTMLFormElement, name: string): HTMLInputElement | undefined {
  const input = form.elements.namedItem(name);
  return input instanceof HTMLInputElement && input.type !== 'hidden' && !input.hidden ? input : undefined;
}

function mark(input: HTMLInputElement, text: string): void {
  input.setAttribute('aria-invalid', 'true');
  const fault = document.getElementById(`${input.id}-fault`);
  if (fault) fault.textContent = text;
  input.addEventListener('input', () => unmark(input), { once: true });
}

function unmark(input: HTMLInputElement): void {
  input.removeAttribute('aria-invalid');
  const fault = document.getElementById(`${input.id}-fault`);
  if (fault) fault.textContent = '';
}

function clear(form: HTMLFormElement): void {
  feedbackOf(form)?.replaceChildren();
  for (const input of form.querySelectorAll<HTMLInputElement>('[aria-invalid]')) unmark(input);
}

function show(feedback: HTMLElement | null, kind: 'good' | 'bad', text: string): void {
  const notice = document.createElement('p');
  notice.className = `notice ${kind}`;
  notice.textContent = text;
  feedback?.replaceChildren(notice);
  // What one can be led to is read out for that.
  if (feedback?.hasAttribute('tabindex')) feedback.focus({ preventScroll: true });
}
