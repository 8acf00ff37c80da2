#!/usr/bin/env node
import { run } from './program.js';
import { createTerminal } from './terminal.js';

run(process.argv.slice(2), createTerminal(process)).then((code) => {
  process.exitCode = code;
});
