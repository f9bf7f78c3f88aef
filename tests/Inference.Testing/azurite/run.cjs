// Runs Azurite until its standard input closes. This happens when the test host closes the pipe, and also when the test host dies. Azurite
// then writes its data and exits.
let open = 3;
const log = console.log;
// Azurite writes one line for each of its services when the data of the service are written. Open connections of clients would delay the
// exit, so the process exits at the last of these lines.
console.log = (...text) => {
  log(...text);
  if (/service successfully closed/.test(text[0]) && --open === 0) process.exit(0);
};
process.stdin.resume();
process.stdin.once('end', () => {
  // Without its handler of the signal, Azurite does not serve yet and has no data to write.
  if (process.listenerCount('SIGTERM') === 0) process.exit(0);
  process.emit('SIGTERM');
  // A service that fails to close writes no such line.
  setTimeout(() => process.exit(0), 60_000).unref();
});
require('azurite/dist/src/azurite.js');
