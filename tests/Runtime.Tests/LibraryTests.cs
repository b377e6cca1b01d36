using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.RegularExpressions;
using Factory.Core.Text;
using Factory.Runtime.Chat;
using Factory.Runtime.Engine;
using Factory.Runtime.Hosting;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Factory.Runtime.Tests;

/// <summary>The package as another program uses it.</summary>
public sealed class LibraryTests : IDisposable
{
    private static readonly string TokenizerFile = Path.Combine(GoldenData.Repository, "assets", "shakespeare", "tokenizer.model");
    private static readonly TextTokenizer Tokenizer = TextTokenizer.Load(TokenizerFile);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void The_program_in_the_readme_compiles_and_runs()
    {
        string readme = File.ReadAllText(Path.Combine(GoldenData.Repository, "Runtime", "README.md"));
        string program = Regex.Match(readme, "```csharp\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        Assert.InRange(program.Split('\n').Length, 10, 15);
        Assembly assembly = Compile("global using System; global using System.Threading.Tasks;\n" + program);
        string bundle = Export("ROMEO:", " there? Stand back");
        TextWriter console = Console.Out;
        using var output = new StringWriter();
        Console.SetOut(output);
        try
        {
            assembly.EntryPoint!.Invoke(null, [new[] { bundle }]);
        }
        finally
        {
            Console.SetOut(console);
        }
        Assert.Contains(" there? Stand back", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Services_are_singletons_that_end_with_their_container()
    {
        InferenceEngine engine;
        await using (ServiceProvider services = Services(options => options.Bundle = Export("Who goes", " there")))
        {
            engine = services.GetRequiredService<InferenceEngine>();
            Assert.Same(engine, services.GetRequiredService<TextEngine>().Engine);
            string text = string.Concat(services.GetRequiredService<TextEngine>().GenerateAsync("Who goes", cancellationToken: Ct).ToBlockingEnumerable(Ct).Select(piece => piece.Text));
            Assert.Equal(" there", text);
        }
        Assert.Throws<ObjectDisposedException>(() => engine.SubmitAsync(new InferenceRequest { PromptIds = [1] }, Ct));
    }

    [Theory]
    [InlineData("bundle: expected a bundle's directory")]
    [InlineData("max_sequences: expected from 1 to 1024, found 0")]
    [InlineData("threads: expected from 1 to 4096")]
    public void Options_out_of_range_are_refused_before_anything_is_loaded(string message)
    {
        using ServiceProvider services = Services(options =>
        {
            options.Bundle = message[0] == 'b' ? "" : "nowhere";
            options.Engine = new EngineOptions { MaxSequences = message[0] == 'm' ? 0 : 1 };
            options.Runtime = new RuntimeOptions { Threads = message[0] == 't' ? -1 : 1 };
        });
        Assert.Contains(message, Assert.Throws<OptionsValidationException>(services.GetRequiredService<LanguageModel>).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chat_goes_through_the_bundles_template_and_its_answer_is_counted()
    {
        string bundle = Export("<user>Who goes<bot>", " there", "{% for message in messages %}<{{ message.role }}>{{ message.content }}{% endfor %}{% if add_generation_prompt %}<bot>{% endif %}");
        await using ServiceProvider services = Services(options => options.Bundle = bundle);
        IChatClient client = services.GetRequiredService<IChatClient>();
        ChatResponse answer = await client.GetResponseAsync([new ChatMessage(ChatRole.User, "Who goes")], cancellationToken: Ct);
        Assert.Equal(" there", answer.Text);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        int prompt = Tokenizer.Encode("<user>Who goes<bot>", addBos: true).Length;
        Assert.InRange(answer.Usage!.InputTokenCount!.Value, prompt - 1, prompt);
        Assert.Equal(answer.Usage.InputTokenCount + answer.Usage.OutputTokenCount, answer.Usage.TotalTokenCount);
        ChatResponse cut = await client.GetResponseAsync([new ChatMessage(ChatRole.User, "Who goes")], new ChatOptions { MaxOutputTokens = 1 }, Ct);
        Assert.Equal(ChatFinishReason.Length, cut.FinishReason);
        Assert.Equal("factory", client.GetService<ChatClientMetadata>()!.ProviderName);
        Assert.Same(services.GetRequiredService<InferenceEngine>(), client.GetService<InferenceEngine>());
        await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")])], cancellationToken: Ct));
        await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync("Hi", new ChatOptions { ResponseFormat = ChatResponseFormat.Json }, Ct));
    }

    [Fact]
    public void A_bundle_without_a_chat_template_has_no_chat_client()
    {
        using ServiceProvider services = Services(options => options.Bundle = Export("Who goes", " there"));
        Assert.Contains("expected a chat template", Assert.Throws<Core.UserError>(services.GetRequiredService<IChatClient>).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_are_measured_and_traced_under_the_names_of_OpenTelemetry()
    {
        var measured = new List<(string Name, double Value, string Tags)>();
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Factory.Runtime")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        meters.Start();
        List<Activity> traces = [];
        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Factory.Runtime",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                lock (traces)
                {
                    traces.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(activities);
        using LanguageModel model = TestBundle.Load(_folder, TestModel.Tiny);
        string name = model.Bundle.Name;
        using (var engine = new InferenceEngine(model))
        {
            Assert.Equal(4, engine.SubmitAsync(new InferenceRequest { PromptIds = [1, 2, 3], MaxNewTokens = 4 }, Ct).ToBlockingEnumerable(Ct).Count());
            Assert.Null(Activity.Current);
            meters.RecordObservableInstruments();
        }
        (string Name, double Value, string Tags)[] mine;
        lock (measured)
        {
            mine = [.. measured.Where(each => each.Tags.Contains(name, StringComparison.Ordinal))];
        }
        Assert.Contains(mine, each => each.Name == "gen_ai.client.token.usage" && each.Value == 3 && each.Tags.Contains("gen_ai.token.type=input", StringComparison.Ordinal));
        Assert.Contains(mine, each => each.Name == "gen_ai.client.token.usage" && each.Value == 4 && each.Tags.Contains("gen_ai.token.type=output", StringComparison.Ordinal));
        foreach (string instrument in new[] { "gen_ai.server.request.duration", "gen_ai.server.time_to_first_token", "gen_ai.server.time_per_output_token", "factory.kv_cache.usage", "factory.kv_cache.limit" })
        {
            Assert.Contains(mine, each => each.Name == instrument && each.Value > 0);
        }
        Activity trace;
        lock (traces)
        {
            trace = Assert.Single(traces, each => each.DisplayName == $"text_completion {name}");
        }
        Assert.Equal(4, trace.GetTagItem("gen_ai.usage.output_tokens"));
        await Task.CompletedTask;

        void Add(string instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string text = string.Join(';', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
            lock (measured)
            {
                measured.Add((instrument, value, text));
            }
        }
    }

    [Fact]
    public void The_library_brings_no_console_package() => Assert.DoesNotContain(
        typeof(InferenceEngine).Assembly.GetReferencedAssemblies(), name => name.Name!.Contains("CommandLine", StringComparison.Ordinal) || name.Name.StartsWith("Spectre", StringComparison.Ordinal));

    public void Dispose() => _folder.Dispose();

    private static ServiceProvider Services(Action<FactoryInferenceOptions> configure) => new ServiceCollection()
        .AddFactoryInference(options =>
        {
            options.Runtime = new RuntimeOptions { Provider = ProviderChoice.Cpu, Threads = 1 };
            configure(options);
        })
        .BuildServiceProvider();

    private string Export(string prompt, string text, string? chatTemplate = null)
    {
        int[] script = [.. Tokenizer.Encode(prompt + text, addBos: true), Tokenizer.EosTokenId!.Value];
        string tokenizer = TokenizerFile;
        if (chatTemplate is not null)
        {
            tokenizer = Path.Combine(Directory.CreateDirectory(_folder.At("tokenizer")).FullName, "tokenizer.model");
            File.Copy(TokenizerFile, tokenizer);
            File.WriteAllText(Path.Combine(_folder.At("tokenizer"), "chat_template.jinja"), chatTemplate);
        }
        return TestBundle.Export(_folder, TestCheckpoint.Scripted(script, Tokenizer.VocabularySize, 64), tokenizer);
    }

    private static Assembly Compile(string program)
    {
        string[] platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var compilation = CSharpCompilation.Create(
            "ReadmeProgram", [CSharpSyntaxTree.ParseText(program)], platform.Select(path => MetadataReference.CreateFromFile(path)), new CSharpCompilationOptions(OutputKind.ConsoleApplication));
        using var image = new MemoryStream();
        Microsoft.CodeAnalysis.Emit.EmitResult result = compilation.Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return Assembly.Load(image.ToArray());
    }
}
