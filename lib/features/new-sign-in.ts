import { describeDevice } from '../accounts/describe-device.js';
import { noticeOf } from '../accounts/notice.js';
import type { Settings } from '../config/option-table.js';
import type { AuthEvents } from '../core/events.js';
import type { Feature, Kit } from '../kit.js';
import { TEXTS } from '../mail/texts.js';
import {
  createKnownDeviceStore,
  KNOWN_DEVICES,
  type KnownDeviceStore,
} from '../models/known-device-store.js';
import { daysInMs } from '../runtime/clock.js';

/** The name of the mail. */
const NEW_SIGN_IN = 'newSignIn';

/** For how many days a device is known after a sign-in from it. */
const KNOWN_DAYS = 365;

/** What a device is called that says nothing of itself. */
const UNKNOWN = 'unknown';

/**
 * Mails a user who signs in from a device that was not there before; the first one of an account is only noted. A device is
 * what the login names it, else what its browser says of itself: a claim, and no proof of anything.
 */
export const newSignIn = ({ newSignInMail }: Pick<Settings, 'newSignInMail'>): Feature => {
  const isOff = newSignInMail === 'off';
  return {
    name: 'new-sign-in',
    // Where it is off, an app may have words for it all the same: the environment says whether it is.
    mails: { [NEW_SIGN_IN]: { template: TEXTS.newSignIn, isNotice: true, isOff } },
    collections: isOff ? [] : [KNOWN_DEVICES],
    setup(kit) {
      if (isOff) return {};
      const devices = createKnownDeviceStore(kit.collections.get(KNOWN_DEVICES));
      return {
        async record(event, payload) {
          if (event === 'login.succeeded')
            await notice(kit, devices, payload as AuthEvents['login.succeeded']);
        },
      };
    },
  };
};

async function notice(
  kit: Kit,
  devices: KnownDeviceStore,
  { userId, sessionId, ip, userAgent }: AuthEvents['login.succeeded'],
): Promise<void> {
  const id = kit.users.castId(userId);
  const session = await kit.sessions.load(id, sessionId);
  const device = session?.deviceName ?? (await describeDevice(userAgent)) ?? UNKNOWN;
  const now = kit.now();
  const expiresAt = new Date(now.getTime() + daysInMs(KNOWN_DAYS));
  const seen = await devices.see(id, device, { now, expiresAt });
  if (seen === 'known') return;
  const user = await kit.users.findById(id);
  // Deleted meanwhile, and the devices perhaps before this one was there: nobody else would clear it away.
  if (!user) return devices.forget(id, device);
  if (seen === 'first') return;
  try {
    await kit.outbox.send(user, NEW_SIGN_IN, await noticeOf(kit, { ip, userAgent, acceptLanguage: null }));
  } catch (error) {
    // Who logs in once more is told then.
    await devices.forget(id, device);
    throw error;
  }
}
