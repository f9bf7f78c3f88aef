using BenchmarkDotNet.Running;
using TelemetryBench;

BenchmarkRunner.Run<Prediction>(args: args);
