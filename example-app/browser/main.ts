/**
 * Makes the pages better where scripts run, and nothing depends on it: forms are sent without leaving the page, what is wrong is
 * said beside its field, and a tab hears what another one does.
 */
import { createAuthClient } from 'express-auth-kit/client';
import { enhanceForms } from './forms.js';
import { addPasswordSwitches, checkNewPasswords } from './password-fields.js';
import { showLocalTimes, submitWholeCodes } from './small-things.js';

const auth = createAuthClient<{ phone: string | null; company: string | null }>({
  baseUrl: '/auth',
  mode: 'cookies',
});
export type Auth = typeof auth;

const forms = enhanceForms(auth);
addPasswordSwitches();
checkNewPasswords();
submitWholeCodes();
showLocalTimes();

// Another tab has logged in or out: this page is about somebody who is not there any more.
auth.onChange(() => {
  if (!forms.isBusy()) location.reload();
});
// Nor does the way back show what was there before a logout.
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload();
});
