namespace Factory.Trainer.Tests.Commands;

/// <summary>A short run that nothing interrupts, for comparison.</summary>
public sealed class UninterruptedRun : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public static string[] Arguments { get; } =
    [
        "pretrain", "--output", "runs/x", "--steps", "40", "--warmup-steps", "4", "--blocks", "2", "--batch-size", "4", "--micro-batch-size", "2", "--sequence-length", "16",
        "--save-every", "10", "--eval-every", "8", "--eval-tokens", "100", "--threads", "2",
        // Left to the probe, two runs may compute differently.
        "--precision", "fp32", "--kernels", "fused-libtorch",
    ];

    public string Path => _folder.Path;

    public string At(params string[] parts) => _folder.At(parts);

    public async ValueTask InitializeAsync()
    {
        (int exitCode, _, string errors) = await TrainerProcess.RunAsync(Path, Arguments);
        Assert.True(exitCode == 0, errors);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
