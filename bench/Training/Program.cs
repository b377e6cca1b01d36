using System.CommandLine;
using Factory.Bench.Training;
using Factory.CommandLine;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Trainer.Kernels;
using Factory.Trainer.LibTorch;
using Factory.Trainer.Model;
using Factory.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;

Option<string?> preset = new("--preset") { Description = "Take the shape of a preset, such as nano or 130m, with the vocabulary of --vocabulary." };
Option<int> hidden = CheckedOption.Whole("--hidden", "Width of the residual stream.", 256, least: 1, most: 1 << 16);
Option<int> intermediate = CheckedOption.Whole("--intermediate", "Width of the feed-forward network.", 688, least: 1, most: 1 << 18);
Option<int> blocks = CheckedOption.Whole("--blocks", "Depth.", 8, least: 1, most: 1 << 10);
Option<int> heads = CheckedOption.Whole("--heads", "Attention heads, a divisor of --hidden into even parts.", 4, least: 1, most: 1 << 10);
Option<int> vocabulary = CheckedOption.Whole("--vocabulary", "Tokens of the vocabulary.", 8192, least: 2, most: 1 << 20);
Option<int> sequence = CheckedOption.Whole("--sequence", "Tokens of a row.", 256, least: 1, most: 1 << 20);
Option<int> batch = CheckedOption.Whole("--batch", "Rows of an update.", 16, least: 1, most: 1 << 16);
Option<int> micro = CheckedOption.Whole("--micro-batch", "Rows of a forward pass, a divisor of --batch; 0 takes all.", 0, least: 0, most: 1 << 16);
Option<string> precision = CheckedOption.OneOf("--precision", "What the step computes in; auto probes.", "auto", "fp32", "bf16");
Option<string> kernels = CheckedOption.OneOf("--kernels", "What computes it; auto probes.", ["auto", .. KernelSet.All.Keys]);
Option<bool> recompute = new("--recompute") { Description = "Keep only each block's input and compute the rest again on the way back." };
Option<int> steps = CheckedOption.Whole("--steps", "Updates measured, after three that are not.", 10, least: 1, most: 1_000_000);
Option<string> device = new("--device") { Description = "auto, cpu, cuda or cuda:N.", DefaultValueFactory = _ => "cpu" };
Option<int> threads = ThreadsOption.Create("CPU threads; 0 for one per core.");
Option<bool> json = new("--json") { Description = "Print JSON." };
var root = new RootCommand("Measures the trainer's own step on random tokens: tokens a second, share of the machine's matrix product rate, memory, and where the time goes.")
{
    preset, hidden, intermediate, blocks, heads, vocabulary, sequence, batch, micro, precision, kernels, recompute, steps, device, threads, json,
};
root.SetAction(parsed =>
{
    DeviceChoice choice = ComputeDevice.Choose(parsed.GetRequiredValue(device), parsed.GetValue(threads));
    MachineChoice machine = MachineChoice.On(choice.Device);
    bool brain = parsed.GetRequiredValue(precision) switch
    {
        "bf16" => true,
        "fp32" => false,
        _ => machine.Precision == Factory.Trainer.Recipes.Precision.Bf16,
    };
    string set = parsed.GetRequiredValue(kernels) is "auto" ? machine.Kernels : parsed.GetRequiredValue(kernels);
    int time = parsed.GetValue(sequence);
    LlamaArchitecture shape = parsed.GetValue(preset) is string name
        ? Preset.Named(name).Architecture(NormSchemes.Lns, parsed.GetValue(vocabulary), null, null)
        : new LlamaArchitecture
        {
            VocabularySize = parsed.GetValue(vocabulary),
            HiddenSize = parsed.GetValue(hidden),
            IntermediateSize = parsed.GetValue(intermediate),
            BlockCount = parsed.GetValue(blocks),
            Heads = parsed.GetValue(heads),
            KeyValueHeads = parsed.GetValue(heads),
            HeadSize = parsed.GetValue(hidden) / parsed.GetValue(heads),
            MaxPositions = time,
            NormScheme = NormSchemes.Lns,
        };
    if (shape.HeadSize * shape.Heads != shape.HiddenSize)
    {
        throw new SettingError("heads", $"expected a divisor of --hidden ({shape.HiddenSize}), found {shape.Heads}.");
    }
    shape = (shape with { MaxPositions = Math.Max(shape.MaxPositions, time) }).Validate("the shape");
    var placement = new ModelPlacement(choice.Device, ScalarType.Float32, brain ? ScalarType.BFloat16 : ScalarType.Float32) { Kernels = KernelSet.Named(set), Recompute = parsed.GetValue(recompute) };
    int rows = parsed.GetValue(batch);
    int pass = parsed.GetValue(micro) is > 0 and int given ? given : rows;
    if (rows % pass != 0)
    {
        throw new SettingError("micro_batch", $"expected a divisor of --batch ({rows}), found {pass}.");
    }
    StepResult result = StepBench.Run(shape, placement, rows, pass, time, parsed.GetValue(steps));
    Console.WriteLine(parsed.GetValue(json) ? result.ToJson() : result.ToText());
});
return await Shell.RunAsync(root, args);
