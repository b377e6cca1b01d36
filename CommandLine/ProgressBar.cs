using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Factory.CommandLine;

/// <summary>The progress bar of every Factory command: description, bar, count, rate and time left, on stderr.</summary>
public sealed class ProgressBar
{
    private readonly ProgressTask _task;
    private readonly string _title;

    private readonly bool _wide;

    private ProgressBar(ProgressTask task, string title, bool wide) => (_task, _title, _wide) = (task, title, wide);

    /// <summary>Columns from which on there is room for all; a narrower terminal gets a shorter bar and no rate, so that a line stays a line.</summary>
    private const int Wide = 120;

    /// <summary>Shows a bar while <paramref name="work"/> runs.</summary>
    /// <param name="title">What is being done.</param>
    /// <param name="total">Units in all.</param>
    /// <param name="unit">Name of a unit, plural: "steps".</param>
    public static Task<T> RunAsync<T>(string title, long total, string unit, Func<ProgressBar, Task<T>> work) =>
        RunAsync(Shell.ErrorConsole, title, total, unit, work);

    /// <param name="console">Where the bar stands.</param>
    /// <inheritdoc cref="RunAsync{T}(string, long, string, Func{ProgressBar, Task{T}})"/>
    public static Task<T> RunAsync<T>(IAnsiConsole console, string title, long total, string unit, Func<ProgressBar, Task<T>> work)
    {
        // A terminal without a size (TERM=dumb, a pseudo-terminal that was given none) says 0, into which the library cannot draw.
        (int width, int height) = (console.Profile.Width, console.Profile.Height);
        (console.Profile.Width, console.Profile.Height) = (width > 0 ? width : 80, height > 0 ? height : 24);
        return console.Progress()
            .AutoRefresh(true)
            .HideCompleted(false)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = console.Profile.Width < Wide ? 8 : 24 },
                new PercentageColumn(),
                new RateColumn(unit, console.Profile.Width >= Wide),
                new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(title), maxValue: Math.Max(1, total));
                return await work(new ProgressBar(task, title, console.Profile.Width >= Wide)).ConfigureAwait(false);
            });
    }

    /// <summary><paramref name="done"/> units are done; <paramref name="note"/> stands beside the title, or in its place where there is little room ("loss 3.214").</summary>
    public void Report(long done, string note = "")
    {
        _task.Value = done;
        _task.Description = Markup.Escape(note.Length == 0 ? _title : _wide ? $"{_title}  {note}" : note);
    }

    /// <summary>One unit more is done.</summary>
    public void Advance() => _task.Increment(1);

    private sealed class RateColumn(string unit, bool rate) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Spectre.Console.Text(string.Create(CultureInfo.InvariantCulture, $"{task.Value:0}/{task.MaxValue:0}{(rate ? $" {unit} {Rate(task)}" : "")}"));

        private string Rate(ProgressTask task)
        {
            double perSecond = task.Speed ?? 0;
            return perSecond switch
            {
                0 => "",
                < 1 => string.Create(CultureInfo.InvariantCulture, $"{1 / perSecond:0.0} s each"),
                _ => string.Create(CultureInfo.InvariantCulture, $"{perSecond:0.#} {unit}/s"),
            };
        }
    }
}
