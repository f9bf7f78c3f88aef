using BenchmarkDotNet.Running;
using SchedulingBench;

BenchmarkSwitcher.FromAssembly(typeof(BatchingPolicy).Assembly).Run(args);
