export { AuthClientError, type AuthClientErrorParts } from './auth-client-error.js';
export { type AuthClient, type AuthClientOptions, createAuthClient } from './create-auth-client.js';
export type {
  Challenged,
  ChallengeInput,
  ClientSession,
  ClientUser,
  ConfirmInput,
  LoginInput,
  Message,
  RegisterInput,
  SignedIn,
  SignInResult,
} from './inputs.js';
export type { AuthState } from './standing.js';
export type { TokenStorage } from './token-store.js';
