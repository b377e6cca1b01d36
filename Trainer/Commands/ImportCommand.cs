using System.CommandLine;
using Factory.CommandLine;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Text;
using Factory.Trainer.Import;

namespace Factory.Trainer.Commands;

/// <summary><c>Trainer import llama2c|hf|bert</c>: published weights become an ordinary checkpoint.</summary>
internal static class ImportCommand
{
    public static Command Create() => new("import", "Turn published weights into a checkpoint that the Exporter takes.") { Llama2c(), HuggingFace(), Bert() };

    private static Command Llama2c()
    {
        Option<string> input = new("--input") { Description = "llama2.c model of version 0, for example stories260K.bin.", HelpName = "FILE", Required = true };
        Option<string> tokenizer = new("--tokenizer") { Description = "Its llama2.c tokenizer, for example tok512.bin.", HelpName = "FILE", Required = true };
        Option<string?> output = Output("the input's name without extension");
        var command = new Command("llama2c", "Import a model file of llama2.c; rotary pairs are moved to the half-split order.") { input, tokenizer, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string file = parsed.GetRequiredValue(input);
            string tokenizerFile = parsed.GetRequiredValue(tokenizer);
            using Llama2cFile source = Llama2cFile.Open(file);
            string run = parsed.GetValue(output) ?? Path.Combine("runs", Path.GetFileNameWithoutExtension(file));
            string folder = Directory.CreateTempSubdirectory("factory-import-").FullName;
            try
            {
                string converted = Path.Combine(folder, TextTokenizer.FileNames[0]);
                await File.WriteAllBytesAsync(converted, Llama2cTokenizer.ToSentencePieceModel(tokenizerFile), cancellationToken);
                RequireFit(TextTokenizer.Load(converted).VocabularySize, tokenizerFile, source.Architecture.VocabularySize);
                await RunAsync(run, source, converted, "llama2c", file, cancellationToken);
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
        command.SetAction(async (parsed, cancellationToken) =>
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
            await RunAsync(run, source, tokenizer, "hf", folder, cancellationToken);
        });
        return command;
    }

    private static Command Bert()
    {
        Option<string> input = new("--input")
        {
            Description = "Folder with config.json, model.safetensors (or shards with an index) and, if there is one, vocab.txt with tokenizer_config.json, or tokenizer.json.",
            HelpName = "DIR",
            Required = true,
        };
        Option<string?> output = Output("the input folder's name");
        var command = new Command("bert", "Import a Hugging Face BertForQuestionAnswering or BertForMaskedLM in safetensors, an encoder with Post-LN.") { input, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(parsed.GetRequiredValue(input)));
            using BertFolder source = BertFolder.Open(folder);
            WordPieceTokenizer? tokenizer = WordPieceTokenizer.FindIn(folder);
            if (tokenizer is null)
            {
                Console.Error.WriteLine($"{folder} has no vocab.txt or {TokenizerFiles.Json}: the checkpoint takes and gives token ids only.");
            }
            else
            {
                RequireFit(tokenizer.VocabularySize, folder, source.Model.VocabularySize);
            }
            string run = parsed.GetValue(output) ?? Path.Combine("runs", Path.GetFileName(folder));
            string checkpoint = await ProgressBar.RunAsync("Importing", source.Parameters.Count, "tensors", bar => Task.Run(
                () => BertImport.Write(run, source, WordPieceTokenizer.FilesIn(folder), Facts("bert", folder), bar.Advance, cancellationToken), cancellationToken));
            WriteEnd(source.Parameters, checkpoint, run);
        });
        return command;
    }

    private static Option<string?> Output(string name) =>
        new("--output") { Description = $"Run to write. [default: runs/NAME, NAME being {name}]", HelpName = "DIR" };

    private static async Task RunAsync(string run, IWeightSource source, string? tokenizer, string format, string origin, CancellationToken cancellationToken)
    {
        string checkpoint = await ProgressBar.RunAsync(
            "Importing",
            CheckpointImport.Stages(source.Architecture),
            "tensors and blocks",
            bar => Task.Run(() => CheckpointImport.Write(run, source, tokenizer, Facts(format, origin), bar.Advance, cancellationToken), cancellationToken));
        WriteEnd(source.Architecture.Parameters, checkpoint, run);
    }

    private static Dictionary<string, string> Facts(string format, string origin) => new() { ["imported_format"] = format, ["imported_from"] = Path.GetFileName(origin) };

    private static void WriteEnd(IReadOnlyList<ParameterSpec> parameters, string checkpoint, string run) => Console.WriteLine(
        $"Imported {parameters.Sum(parameter => parameter.Count):N0} parameters to {checkpoint}. Next: dotnet run -c Release --project Exporter -- --checkpoint {ShellWord.Quote(run)}");

    /// <summary>The folder's tokenizer, or null, which is told.</summary>
    private static string? FindTokenizer(string folder, LlamaArchitecture architecture)
    {
        if (TextTokenizer.FindIn(folder) is TextTokenizer tokenizer)
        {
            RequireFit(tokenizer.VocabularySize, tokenizer.Path, architecture.VocabularySize);
            return tokenizer.Path;
        }
        string? tiktoken = TextTokenizer.FileNames.Select(name => Path.Combine(folder, name)).FirstOrDefault(path => File.Exists(path) && TiktokenFile.IsAt(path));
        Console.Error.WriteLine(tiktoken is null
            ? $"{folder} has no {string.Join(" or ", TextTokenizer.FileNames)}: the checkpoint takes and gives token ids only."
            : $"{tiktoken} is a tiktoken vocabulary, which does not say how text is split: the checkpoint takes and gives token ids only. With {TokenizerFiles.Json} of the same model beside it, it takes text.");
        return null;
    }

    private static void RequireFit(int pieces, string tokenizer, int vocabulary)
    {
        if (pieces > vocabulary)
        {
            throw new UserError($"{tokenizer}: expected at most {vocabulary} pieces, the model's vocab_size, found {pieces}. Is it this model's tokenizer?");
        }
    }
}
