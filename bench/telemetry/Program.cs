using BenchmarkDotNet.Running;
using TelemetryBench;

BenchmarkRunner.Run<PredictionBenchmark>(args: args);
