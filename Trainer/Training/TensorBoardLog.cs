using Factory.Core.Journal;
using TorchSharp;
using TorchSharp.Modules;

namespace Factory.Trainer.Training;

/// <summary>The journal's numbers as TensorBoard event files too, in RUN/tensorboard. Each start of a run adds a file.</summary>
internal sealed class TensorBoardLog : IDisposable
{
    private readonly SummaryWriter _writer;

    private TensorBoardLog(SummaryWriter writer) => _writer = writer;

    public static TensorBoardLog Open(string run)
    {
        string folder = Path.Combine(run, "tensorboard");
        Directory.CreateDirectory(folder);
        return new TensorBoardLog(torch.utils.tensorboard.SummaryWriter(folder));
    }

    public void Write(JournalRecord record)
    {
        switch (record)
        {
            case StepRecord step:
                Scalar("train/loss", step.Loss, step.Step);
                Scalar("train/learning_rate", step.Lr, step.Step);
                Scalar("train/gradient_norm", step.GradNorm, step.Step);
                Scalar("speed/tokens_per_second", step.TokensPerSecond, step.Step);
                Scalar("speed/mfu", step.Mfu, step.Step);
                break;
            case ValidationRecord validation:
                Scalar("validation/loss", validation.Loss, validation.Step);
                Scalar("validation/perplexity", validation.Perplexity, validation.Step);
                Scalar("validation/answer_accuracy", validation.AnswerAccuracy, validation.Step);
                foreach ((int block, double variance) in (validation.BlockOutputVariance ?? []).Index())
                {
                    Scalar(FormattableString.Invariant($"block_output_variance/{block:D2}"), variance, validation.Step);
                }
                break;
        }
    }

    public void Dispose() => (_writer as IDisposable)?.Dispose();

    private void Scalar(string tag, double? value, long step)
    {
        if (value is double number)
        {
            _writer.add_scalar(tag, (float)number, checked((int)step));
        }
    }
}
