using System.CommandLine;
using Factory.CommandLine;
using Factory.Exporter.Encoders;
using Factory.Runtime.Encoders;

namespace Factory.Exporter.Commands;

/// <summary><c>verify</c>: is this bundle whole, and does it compute what was trained?</summary>
public static class VerifyCommand
{
    private static readonly ModelOption Model = new();

    public static Command Create()
    {
        var command = new Command("verify", "Checks a bundle's files against their hashes and its logits against the probe recorded in training.") { Model.Option };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        string directory = Model.Directory(parsed);
        if (EncoderBundle.IsAt(directory))
        {
            Console.WriteLine($"{directory}: {EncoderExport.Verify(directory, directory)}.");
            Console.WriteLine($"The bundle is good. {EncoderExport.NextStep(EncoderBundle.Open(directory).Model.Head, ShellWord.Quote(directory))}");
            return 0;
        }
        Console.WriteLine($"{directory}: {BundleVerification.Verify(directory, directory)}.");
        Console.WriteLine($"The bundle is good. Serve it: dotnet run -c Release --project InferenceApi -- --model {ShellWord.Quote(directory)}");
        return 0;
    }
}
