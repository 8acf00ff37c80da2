/**
 * Password hashes made elsewhere, for the option `password.verifiers`: who logs in by one has it replaced by bcrypt.
 *
 * @packageDocumentation
 */

export type { PasswordVerifier } from './config/password.js';
export { argon2id } from './security/verifiers/argon2id.js';
export { django } from './security/verifiers/django.js';
export {
  type PassportLocalMongooseOptions,
  passportLocalMongoose,
} from './security/verifiers/passport-local-mongoose.js';
