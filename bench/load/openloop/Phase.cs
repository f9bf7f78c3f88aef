/// <summary>What became of the requests of one rate.</summary>
/// <param name="Rate">Requests/s that were really sent.</param>
/// <param name="Unsent">Requests that were due while every connection was taken.</param>
internal sealed record Phase(double Rate, int Unsent, Latencies Accepted, Latencies Refused, int Failed);
