/**
 * Numbers overlapping calls, whose responses may arrive in a different order. Returns a function to call at the start of each call. That
 * function returns another function, which returns whether the call is still the last one. Only the last call may show its response.
 */
export function turns() {
  let last = 0;
  return () => {
    const own = ++last;
    return () => own === last;
  };
}
