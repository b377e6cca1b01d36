using System.CommandLine;

namespace Factory.Exporter.Commands;

/// <summary><c>verify</c>: is this bundle whole, and does it compute what was trained?</summary>
public static class VerifyCommand
{
    private static readonly Option<string?> Model = ModelOption.Create();

    public static Command Create()
    {
        var command = new Command("verify", "Checks a bundle's files against their hashes and its logits against the probe recorded in training.") { Model };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        string directory = ModelOption.Resolve(parsed.GetValue(Model));
        Console.WriteLine($"{directory}: {BundleVerification.Of(directory, directory)}.");
        Console.WriteLine($"The bundle is good. Serve it with 'dotnet run -c Release --project InferenceApi -- --model {directory}'.");
        return 0;
    }
}
