import { describeOutage } from './outage.js';

describeOutage('a mongod that is killed and comes back', {
  signal: 'SIGKILL',
  begin: (mongod) => mongod.kill(),
  async recover(mongod) {
    await mongod.kill();
    await mongod.restart();
  },
});
