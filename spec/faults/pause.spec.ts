import { describeOutage } from './outage.js';

describeOutage('a mongod that stands still', {
  signal: 'SIGSTOP',
  recover: async (mongod) => mongod.resume(),
});
