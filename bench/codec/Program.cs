using BenchmarkDotNet.Running;
using CodecBench;

BenchmarkSwitcher.FromAssembly(typeof(TensorCodec).Assembly).Run(args);
