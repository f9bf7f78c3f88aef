// Runs Azurite until its standard input closes. This happens when the test host closes the pipe, and also when the test host dies. Azurite
// then writes its data and exits.
process.stdin.resume();
process.stdin.once('end', () => {
  process.emit('SIGTERM');
  // Open connections of clients would delay the exit.
  setTimeout(() => process.exit(0), 2000).unref();
});
require('azurite/dist/src/azurite.js');
