using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Factory.CommandLine;
using Factory.Core;
using Factory.Runtime;

namespace Factory.Bench.Inference;

/// <summary>Prefill and decode of one sequence alone, and decode of several together.</summary>
internal sealed class SpeedBench
{
    private readonly Option<int> _prompt = CheckedOption.Whole("--prompt", "Tokens of the prompt.", 512, least: 1, most: 1 << 20);
    private readonly Option<int> _count = CheckedOption.Whole("--new", "Tokens decoded after it.", 64, least: 1, most: 1 << 20);
    private readonly Option<int> _rounds = CheckedOption.Whole("--rounds", "Repetitions; the median and the best count.", 5, least: 1, most: 1_000_000);
    private readonly Option<string> _rows = new("--rows") { Description = "How many sequences the engine decodes together, one measurement each.", HelpName = "N,N", DefaultValueFactory = _ => "1,8,32" };
    private readonly Option<bool> _json = new("--json") { Description = "Print one line of JSON with the medians instead." };

    public static void AddTo(RootCommand root)
    {
        var bench = new SpeedBench();
        foreach (Option option in (Option[])[bench._prompt, bench._count, bench._rounds, bench._rows, bench._json])
        {
            root.Options.Add(option);
        }
        root.SetAction(bench.Run);
    }

    private void Run(ParseResult parsed)
    {
        int[] rows = Rows(parsed.GetValue(_rows)!);
        (int prompt, int count, bool json) = (parsed.GetValue(_prompt), parsed.GetValue(_count), parsed.GetValue(_json));
        using LanguageModel model = BenchModel.Load(parsed, json ? _ => { } : Console.WriteLine);
        int window = model.Bundle.Architecture.MaxPositions;
        if (prompt + count > window)
        {
            throw new SettingError("prompt", $"expected at most {window} tokens with --new, the model's context, found {prompt} + {count}.");
        }
        Rates prefill = new(), decode = new();
        Rates[] together = [.. rows.Select(_ => new Rates())];
        for (int round = 0; round < parsed.GetValue(_rounds); round++)
        {
            Alone(model, prompt, count, prefill, decode);
            foreach ((int index, int n) in rows.Index())
            {
                DecodeTogether.Measure(model, n, count, together[index]);
            }
        }
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                model = model.Bundle.Directory,
                precision = model.Bundle.Precision,
                provider = model.Provider,
                prompt,
                prefill = prefill.Median,
                decode1 = decode.Median,
                together = rows.Index().ToDictionary(row => row.Item.ToString(CultureInfo.InvariantCulture), row => together[row.Index].Median),
            }));
            return;
        }
        Console.WriteLine($"prefill: {prefill}");
        Console.WriteLine($"decode: {decode}");
        foreach ((int index, int n) in rows.Index())
        {
            Console.WriteLine($"engine, {n} together: {together[index]}");
        }
    }

    private static void Alone(LanguageModel model, int prompt, int count, Rates prefill, Rates decode)
    {
        int[] ids = Prompts.Create(prompt, model.Bundle.Architecture.VocabularySize);
        using KvCache cache = model.NewCache(prompt + count);
        var clock = Stopwatch.StartNew();
        model.Append(cache, ids);
        prefill.Add(prompt, clock.Elapsed);
        clock.Restart();
        for (int i = 0; i < count; i++)
        {
            model.Append(cache, [ids[i % prompt]]);
        }
        decode.Add(count, clock.Elapsed);
    }

    private static int[] Rows(string text)
    {
        int[] rows = [.. text.Split(',').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : 0)];
        return rows.All(row => row is >= 1 and <= 1024) ? rows : throw new SettingError("rows", $"expected whole numbers from 1 to 1024 with commas between, found '{text}'.");
    }
}
