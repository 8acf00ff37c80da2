import type { RequestContext } from '../config/hooks.js';
import type { Core } from '../core/core.js';
import { knownDevice } from './describe-device.js';

/** What a notice tells of the request that it is about. */
export interface NoticeData {
  when: Date;
  /** Null where the request says nothing, or nothing that is known. */
  device: string | null;
  ip: string | null;
  acceptLanguage: string | null;
  [more: string]: unknown;
}

/** What every notice to a user is given: when it happened, and from where. */
export async function noticeOf(
  core: Pick<Core, 'now'>,
  { ip, userAgent, acceptLanguage }: RequestContext,
): Promise<NoticeData> {
  return { when: core.now(), device: await knownDevice(userAgent), ip, acceptLanguage };
}
