import type { AuthClientError } from 'express-auth-kit/client';
import { faultText, fieldsOf, refusalText } from '../pages/words.js';

/** Says that a form is done, in the form's own words. */
export function said(form: HTMLFormElement): void {
  clear(form);
  showSaid(feedbackOf(form), form.dataset['said'] ?? '');
}

/** Says it in a live region, which screen readers read out. */
export function showSaid(feedback: Element | null, text: string): void {
  show(feedback, 'good', text);
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
  if (texts.size === 0) show(feedbackOf(form), 'bad', refusalText(error.code, error.retryAfter));
  else [...texts.keys()][0]?.focus();
}

/** A form that belongs to a list has its feedback above the list. */
function feedbackOf(form: HTMLFormElement): Element | null {
  return form.querySelector('.feedback');
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

function show(feedback: Element | null, kind: 'good' | 'bad', text: string): void {
  const notice = document.createElement('p');
  notice.className = `notice ${kind}`;
  notice.setAttribute('role', kind === 'good' ? 'status' : 'alert');
  notice.textContent = text;
  feedback?.replaceChildren(notice);
}
