import { describeOutage } from './outage.js';

describeOutage('a mongod that stands still', {
  signal: 'SIGSTOP',
  begin: (mongod) => mongod.pause(),
  recover: async (mongod) => mongod.resume(),
});
