using System.CommandLine;
using Factory.Bench.Training;
using Factory.CommandLine;
using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Trainer.Kernels;
using Factory.Trainer.LibTorch;
using Factory.Trainer.Model;
using Factory.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;

Option<string?> preset = new("--preset") { Description = "Take the shape of a preset, such as nano or 130m, with the vocabulary of --vocabulary." };
Option<int> hidden = new("--hidden") { Description = "Width of the residual stream.", DefaultValueFactory = _ => 256 };
Option<int> intermediate = new("--intermediate") { Description = "Width of the feed-forward network.", DefaultValueFactory = _ => 688 };
Option<int> blocks = new("--blocks") { Description = "Depth.", DefaultValueFactory = _ => 8 };
Option<int> heads = new("--heads") { Description = "Attention heads.", DefaultValueFactory = _ => 4 };
Option<int> vocabulary = new("--vocabulary") { Description = "Tokens of the vocabulary.", DefaultValueFactory = _ => 8192 };
Option<int> sequence = new("--sequence") { Description = "Tokens of a row.", DefaultValueFactory = _ => 256 };
Option<int> batch = new("--batch") { Description = "Rows of an update.", DefaultValueFactory = _ => 16 };
Option<int?> micro = new("--micro-batch") { Description = "Rows of a forward pass, a divisor of --batch. [default: all]" };
Option<string> precision = new("--precision") { Description = "fp32, bf16 or auto.", DefaultValueFactory = _ => "auto" };
Option<string> kernels = new("--kernels") { Description = $"{string.Join(", ", KernelSet.All.Keys)} or auto.", DefaultValueFactory = _ => "auto" };
Option<int> steps = new("--steps") { Description = "Updates measured, after three that are not.", DefaultValueFactory = _ => 10 };
Option<string> device = new("--device") { Description = "auto, cpu, cuda or cuda:N.", DefaultValueFactory = _ => "cpu" };
Option<int> threads = new("--threads") { Description = "CPU threads; 0 for one per core.", DefaultValueFactory = _ => 0 };
Option<bool> json = new("--json") { Description = "Print JSON." };
var root = new RootCommand("Measures the trainer's own step on random tokens: tokens a second, share of the machine's matrix product rate, memory, and where the time goes.")
{
    preset, hidden, intermediate, blocks, heads, vocabulary, sequence, batch, micro, precision, kernels, steps, device, threads, json,
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
    shape = (shape with { MaxPositions = Math.Max(shape.MaxPositions, time) }).Validate("the shape");
    var placement = new ModelPlacement(choice.Device, ScalarType.Float32, brain ? ScalarType.BFloat16 : ScalarType.Float32) { Kernels = KernelSet.Named(set) };
    int rows = parsed.GetValue(batch);
    StepResult result = StepBench.Run(shape, placement, rows, parsed.GetValue(micro) ?? rows, time, parsed.GetValue(steps));
    Console.WriteLine(parsed.GetValue(json) ? result.ToJson() : result.ToText());
});
return await Shell.RunAsync(root, args);
