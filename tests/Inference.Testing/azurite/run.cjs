// Runs Azurite until its standard input closes: it ends in good order, its data written, when the test host closes the pipe,
// and also when the test host dies.
process.stdin.resume();
process.stdin.once('end', () => {
  process.emit('SIGTERM');
  // Connections that clients keep open would delay the end.
  setTimeout(() => process.exit(0), 2000).unref();
});
require('azurite/dist/src/azurite.js');
