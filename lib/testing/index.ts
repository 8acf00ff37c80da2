export { createClock, type TestClock } from './clock.js';
export { loginAs } from './login-as.js';
export { type CaughtMail, createMailbox, type Mailbox } from './mailbox.js';
