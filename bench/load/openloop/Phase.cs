/// <summary>The outcomes of the requests of one phase.</summary>
/// <param name="Rate">The requests per second that were sent.</param>
/// <param name="Unsent">The number of requests that were due while all connections were in use.</param>
internal sealed record Phase(double Rate, int Unsent, Latencies Accepted, Latencies Refused, int Failed);
