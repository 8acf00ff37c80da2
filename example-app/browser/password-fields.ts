import { passwordRules } from '../pages/password-rules.js';

/** A button in each password field that shows what was typed. */
export function addPasswordSwitches(): void {
  for (const input of document.querySelectorAll<HTMLInputElement>('input[type="password"]')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'switch';
    button.setAttribute('aria-controls', input.id);
    const set = (isShown: boolean) => {
      input.type = isShown ? 'text' : 'password';
      button.textContent = isShown ? 'Hide' : 'Show';
      button.setAttribute('aria-label', `${isShown ? 'Hide' : 'Show'} the ${labelOf(input)}`);
    };
    set(false);
    button.addEventListener('click', () => set(input.type === 'password'));
    // Password managers know a password by the type of its field; nor is it shown longer than needed.
    input.form?.addEventListener('submit', () => set(false), { capture: true });
    input.after(button);
  }
}

function labelOf(input: HTMLInputElement): string {
  return input.labels?.[0]?.textContent?.trim().toLowerCase() ?? 'password';
}

/** Says while a new password is typed which rules it keeps. */
export function checkNewPasswords(): void {
  for (const input of document.querySelectorAll<HTMLInputElement>('[data-new-password]')) {
    const items = document.querySelectorAll(`#${input.id}-hint .rules li`);
    const rules = passwordRules(input.minLength);
    const status = document.createElement('p');
    status.className = 'for-readers';
    status.setAttribute('role', 'status');
    document.getElementById(`${input.id}-fault`)?.before(status);
    const check = () => {
      const isEmpty = input.value === '';
      const address = addressOf(input);
      const missing = rules.filter(({ isKept }, index) => {
        const isMissing = !isKept(input.value, address);
        items[index]?.classList.toggle('kept', !isMissing);
        return isMissing;
      });
      const list = missing.map((rule) => rule.text).join(', ');
      const text = missing.length > 0 ? `Missing: ${list}.` : 'The password has what it needs.';
      // Said when it changes, not at every key.
      if (isEmpty || status.textContent !== text) status.textContent = isEmpty ? '' : text;
    };
    // The address counts too, in whichever order they are typed.
    input.form?.addEventListener('input', check);
    // The fields are empty only after that.
    input.form?.addEventListener('reset', () => setTimeout(check));
  }
}

/** The address the password is for, as far as it is typed. */
function addressOf(input: HTMLInputElement): string {
  const field = input.form?.querySelector<HTMLInputElement>('[autocomplete="username"]');
  return field?.value.trim().toLowerCase() ?? '';
}
