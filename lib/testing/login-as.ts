import type { AuthService, UserReference } from '../service.js';

/**
 * Signs a user in without a password or a second factor, as a test of a protected route wants it.
 *
 * @returns the header that goes with each request
 * @throws NotFound (`not_found`) when there is no such user, or it is disabled; EmailNotVerified (`email_not_verified`) where
 * verification is required
 *
 * @example
 * await request(app).get('/orders').set(await loginAs(auth, user)).expect(200);
 */
export async function loginAs(
  router: { service: Pick<AuthService<unknown>, 'issueTokens'> },
  user: UserReference,
): Promise<{ authorization: string }> {
  const { access_token } = await router.service.issueTokens(user, { bypassSecondFactor: true });
  return { authorization: `Bearer ${access_token}` };
}
