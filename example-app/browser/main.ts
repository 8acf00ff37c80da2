/**
 * Makes the pages better where scripts run, and nothing depends on it: forms are sent without leaving the page, what is wrong is
 * said beside its field, and a tab hears what another one does.
 */
import { createAuthClient } from 'express-auth-kit/client';
import { openFeedback } from './feedback.js';
import { enhanceForms } from './forms.js';
import { addPasswordSwitches, checkNewPasswords } from './password-fields.js';
import { showLocalTimes, submitWholeCodes } from './small-things.js';

const auth = createAuthClient<{ phone: string | null; company: string | null }>({
  baseUrl: '/auth',
  mode: 'cookies',
});
export type Auth = typeof auth;

openFeedback();
const forms = enhanceForms(auth);
addPasswordSwitches();
checkNewPasswords();
submitWholeCodes();
showLocalTimes();

/** Whose page this is; nobody's has none. */
const { user } = document.documentElement.dataset;

/** Loads the page anew when it is about somebody who is not there any more: another tab has logged in or out. */
async function watchOtherTabs(): Promise<void> {
  const now = user === undefined ? undefined : await auth.me().catch(() => undefined);
  if (user !== undefined && (auth.state === 'signed-out' || (now && now.id !== user)))
    return location.reload();
  auth.onChange(() => forms.whenIdle(() => location.reload()));
}
void watchOtherTabs();

// Nor does the way back show what was there before a logout.
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload();
});
