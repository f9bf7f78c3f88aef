/**
 * Numbers overlapping calls, whose responses may arrive in another order. Returns a function to call at the start of each one. It returns
 * a function that tells whether the call is still the last one. Otherwise, a newer response must not be replaced by the call's response.
 */
export function turns() {
  let last = 0;
  return () => {
    const own = ++last;
    return () => own === last;
  };
}
