using System.CommandLine;
using Factory.CommandLine;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Text;
using Factory.Trainer.Import;

namespace Factory.Trainer.Commands;

/// <summary><c>Trainer import llama2c|hf</c>: published weights become an ordinary checkpoint.</summary>
internal static class ImportCommand
{
    public static Command Create() => new("import", "Turn published weights into a checkpoint that the Exporter takes.") { Llama2c(), HuggingFace() };

    private static Command Llama2c()
    {
        Option<string> input = new("--input") { Description = "llama2.c model of version 0, for example stories260K.bin.", HelpName = "FILE", Required = true };
        Option<string> tokenizer = new("--tokenizer") { Description = "Its llama2.c tokenizer, for example tok512.bin.", HelpName = "FILE", Required = true };
        Option<string?> output = Output("the input's name without extension");
        var command = new Command("llama2c", "Import a model file of llama2.c; rotary pairs are moved to the half-split order.") { input, tokenizer, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            string file = parsed.GetRequiredValue(input);
            string tokenizerFile = parsed.GetRequiredValue(tokenizer);
            using Llama2cFile source = Llama2cFile.Open(file);
            string run = parsed.GetValue(output) ?? Path.Combine("runs", Path.GetFileNameWithoutExtension(file));
            string folder = Directory.CreateTempSubdirectory("factory-import-").FullName;
            try
            {
                string converted = Path.Combine(folder, TextTokenizer.FileNames[0]);
                await File.WriteAllBytesAsync(converted, Llama2cTokenizer.ToSentencePieceModel(tokenizerFile), cancellation);
                RequireFit(TextTokenizer.Load(converted).VocabularySize, tokenizerFile, source.Architecture);
                await RunAsync(run, source, converted, "llama2c", file, cancellation);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });
        return command;
    }

    private static Command HuggingFace()
    {
        Option<string> input = new("--input")
        {
            Description = "Folder with config.json, model.safetensors (or shards with an index) and, if there is one, tokenizer.model, spiece.model or tokenizer.json with the files beside it.",
            HelpName = "DIR",
            Required = true,
        };
        Option<string?> adapter = new("--adapter")
        {
            Description = "Folder of a PEFT LoRA adapter (adapter_config.json, adapter_model.safetensors) to merge into the weights. [default: none]",
            HelpName = "DIR",
        };
        Option<string?> output = Output("the input folder's name");
        var command = new Command("hf", "Import a Hugging Face LLaMA, Mistral, Qwen2 or Qwen3 in safetensors. A norm_scheme in config.json says that the weights are unfolded ones of that method.") { input, adapter, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            string folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(parsed.GetRequiredValue(input)));
            string? adapterFolder = parsed.GetValue(adapter);
            HuggingFaceFolder opened = HuggingFaceFolder.Open(folder);
            using IWeightSource source = adapterFolder is null ? opened : AdaptedWeights.Open(opened, adapterFolder);
            string? tokenizer = FindTokenizer(folder, source.Architecture);
            if (GenerationConfig.DescribeSampling(folder) is string sampling)
            {
                Console.Error.WriteLine($"{GenerationConfig.FileName} recommends {sampling}: the checkpoint does not keep it; say it with each request.");
            }
            string run = parsed.GetValue(output) ?? Path.Combine("runs", Path.GetFileName(folder));
            await RunAsync(run, source, tokenizer, "hf", folder, cancellation);
        });
        return command;
    }

    private static Option<string?> Output(string name) =>
        new("--output") { Description = $"Run to write. [default: runs/NAME, NAME being {name}]", HelpName = "DIR" };

    private static async Task RunAsync(string run, IWeightSource source, string? tokenizer, string format, string origin, CancellationToken cancellation)
    {
        var facts = new Dictionary<string, string> { ["imported_format"] = format, ["imported_from"] = Path.GetFileName(origin) };
        string checkpoint = await ProgressBar.RunAsync(
            "Importing",
            source.Architecture.Parameters.Count,
            "tensors",
            bar => Task.Run(() => CheckpointImport.Write(run, source, tokenizer, facts, done => bar.Report(done), cancellation), cancellation));
        Console.WriteLine($"Imported {source.Architecture.Parameters.TotalCount:N0} parameters to {checkpoint}. Next: dotnet run -c Release --project Exporter -- --checkpoint {ShellWord.Quote(run)}");
    }

    /// <summary>The folder's tokenizer, or null, which is told.</summary>
    private static string? FindTokenizer(string folder, LlamaArchitecture architecture)
    {
        if (TextTokenizer.FindIn(folder) is TextTokenizer tokenizer)
        {
            RequireFit(tokenizer.VocabularySize, tokenizer.Path, architecture);
            return tokenizer.Path;
        }
        string? tiktoken = TextTokenizer.FileNames.Select(name => Path.Combine(folder, name)).FirstOrDefault(path => File.Exists(path) && TiktokenFile.IsAt(path));
        Console.Error.WriteLine(tiktoken is null
            ? $"{folder} has no {string.Join(" or ", TextTokenizer.FileNames)}: the checkpoint takes and gives token ids only."
            : $"{tiktoken} is a tiktoken vocabulary, which does not say how text is split: the checkpoint takes and gives token ids only. With {TokenizerFiles.Json} of the same model beside it, it takes text.");
        return null;
    }

    private static void RequireFit(int pieces, string tokenizer, LlamaArchitecture architecture)
    {
        if (pieces > architecture.VocabularySize)
        {
            throw new UserError($"{tokenizer}: expected at most {architecture.VocabularySize} pieces, the model's vocab_size, found {pieces}. Is it this model's tokenizer?");
        }
    }
}
