using System.CommandLine;
using Factory.CommandLine;
using Factory.Core;
using Factory.Evals.Data.Fetching;
using Factory.Evals.Models.Http;
using Factory.Evals.Tasks;

namespace Factory.Evals.Commands;

/// <summary>Evals data: get the data sets.</summary>
public static class DataCommand
{
    public static Command Create() => new("data", "Data sets of the tasks.") { Fetch() };

    private static Command Fetch()
    {
        var tasks = new Argument<string[]>("TASK") { Description = "Tasks and groups whose data is fetched.", Arity = ArgumentArity.OneOrMore };
        var data = new Option<string>("--data") { Description = "Folder that gets the sets, each in its own sub-folder.", HelpName = "DIR", DefaultValueFactory = _ => "data" };
        var mirror = new Option<string?>("--mirror") { Description = "Take the files from URL/NAME instead of their public home; checksums stay the same.", HelpName = "URL" };
        var command = new Command("fetch", "Download data sets from their public home, check them, and keep source and licence beside them. An interrupted download goes on.") { tasks, data, mirror };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string folder = parsed.GetRequiredValue(data);
            DataSource[] sources = [.. parsed.GetRequiredValue(tasks).SelectMany(names => names.Split(',', StringSplitOptions.RemoveEmptyEntries)).SelectMany(name => Sources(EvaluationTasks.Find(name))).Distinct()];
            using var http = new HttpClient(new RetryHandler(new SocketsHttpHandler { AutomaticDecompression = System.Net.DecompressionMethods.None }, TimeSpan.FromSeconds(1))) { Timeout = Timeout.InfiniteTimeSpan };
            var fetcher = new DataFetcher(http, folder, parsed.GetValue(mirror) is string address ? Address(address) : null);
            foreach (DataSource source in sources)
            {
                await FetchAsync(fetcher, source, cancellationToken).ConfigureAwait(false);
            }
            Console.WriteLine($"Data: {ShellWord.Quote(folder)}. Score on it: dotnet run -c Release --project Evals -- run --data {ShellWord.Quote(folder)} --tasks {string.Join(',', parsed.GetRequiredValue(tasks))}");
            return 0;
        });
        return command;
    }

    private static async Task FetchAsync(DataFetcher fetcher, DataSource source, CancellationToken cancellationToken)
    {
        Console.WriteLine($"{source.Folder} from {string.Join(", ", source.Files.Select(file => file.Address.Host).Distinct())}. Licence: {source.Licence}.");
        IReadOnlyList<string> written = await ProgressBar.RunAsync($"Fetching {source.Folder}", 100, "%", bar => fetcher.FetchAsync(
            source, (name, done, whole) => bar.Report(whole is > 0 ? 100 * done / whole.Value : 0, FormattableString.Invariant($"{name}, {done / 1e6:0.0} MB")), cancellationToken)).ConfigureAwait(false);
        Console.WriteLine(written.Count == 0 ? $"{source.Folder}: all files are there already." : $"{source.Folder}: {written.Count} file{(written.Count == 1 ? "" : "s")} written.");
    }

    /// <summary>The sets that a task reads, found by the folder in which its files lie.</summary>
    private static IEnumerable<DataSource> Sources(EvaluationTask task)
    {
        foreach (ScoredTask leaf in task.Leaves)
        {
            string set = leaf.DataPath.Split('/')[0];
            yield return DataSources.All.FirstOrDefault(source => source.Folder == set)
                ?? throw new SettingError("task", $"expected a task with a published data set, found {leaf.Name}, which reads {leaf.DataPath}.");
        }
    }

    private static Uri Address(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme is ("http" or "https")
        ? address
        : throw new SettingError("mirror", $"expected an address such as https://example.org/data, found '{text}'.");
}
