using System.CommandLine;
using Factory.Bench.Inference;
using Factory.CommandLine;

var root = new RootCommand("Measures a bundle in the runtime. Without a command: prefill and decode of one sequence alone, and of several together in the engine, in tokens a second.")
{
    NewcomerBench.Create(),
    EqualityBench.Create(),
    ScoreBench.Create(),
    SamplingBench.Create(),
    SoakBench.Create(),
};
BenchModel.AddTo(root);
SpeedBench.AddTo(root);
return await Shell.RunAsync(root, args);
