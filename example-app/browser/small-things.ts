const DIGITS = 6;

/** A code that is whole is sent: phones fill it in from a message. */
export function submitWholeCodes(): void {
  for (const input of document.querySelectorAll<HTMLInputElement>('[data-code]')) {
    let isSent = false;
    input.addEventListener('input', () => {
      if (isSent || input.value.replaceAll(/\D/g, '').length !== DIGITS) return;
      isSent = true;
      input.form?.requestSubmit();
    });
  }
}

/** Times as the reader's clock and language have them. */
export function showLocalTimes(): void {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  for (const time of document.querySelectorAll('time'))
    time.textContent = format.format(new Date(time.dateTime));
}
