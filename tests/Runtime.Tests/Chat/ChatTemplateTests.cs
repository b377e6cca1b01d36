using System.Text.Json.Nodes;
using Factory.Core.Text;
using Factory.Runtime.Chat;

namespace Factory.Runtime.Tests.Chat;

public class ChatTemplateTests
{
    private static readonly JsonArray Conversation = JsonNode.Parse("""[{"role": "user", "content": "Hi <|im_end|>", "n": 1, "x": 0.5}]""")!.AsArray();

    [Fact]
    public void Every_template_renders_every_conversation_as_transformers_does()
    {
        JsonObject golden = JsonNode.Parse(File.ReadAllText(GoldenData.At("chat_templates", "golden.json")))!.AsObject();
        var specials = new Dictionary<string, string> { ["bos_token"] = (string)golden["bos_token"]!, ["eos_token"] = (string)golden["eos_token"]! };
        foreach (JsonObject example in golden["cases"]!.AsArray().OfType<JsonObject>())
        {
            ChatTemplate template = ChatTemplate.Parse((string)golden["templates"]![(string)example["template"]!]!);
            RenderedChat Render() => template.Render(example["messages"]!.AsArray(), (bool)example["add_generation_prompt"]!, example["tools"] as JsonArray, specials, cancellationToken: TestContext.Current.CancellationToken);
            if (example["text"] is JsonNode text)
            {
                Assert.Equal((string?)text, Render().Text);
            }
            else
            {
                Assert.Throws<ChatTemplateError>(Render);
            }
        }
    }

    // Expected values: Jinja 3.1.6 with the environment of transformers 5.23.
    [Theory]
    [InlineData("{% set x = [1, 2.0, 'a', none, true] %}{{ x }}", "[1, 2.0, 'a', None, True]")]
    [InlineData("{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }}", "3 -4 2 3.5 1024")]
    [InlineData("{{ 'abc'[::-1] }}{{ 'abc'[-2:] }}{{ [1,2,3][1] }}", "cbabc2")]
    [InlineData("{% for i in range(5) if i % 2 %}{{ loop.index }}{{ i }}{% if not loop.last %},{% endif %}{% endfor %}", "11,23")]
    [InlineData("{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}={{ v }} {% endfor %}", "a=1 b=2 ")]
    [InlineData("{% set x = 1 %}{% for i in [1] %}{% set x = 2 %}{% endfor %}{{ x }}", "1")]
    [InlineData("{% macro f(a, b=2) %}{{ a + b }}{% endmacro %}{{ f(1) }}{{ f(1, b=5) }}", "36")]
    [InlineData("{% call(x) m() %}<{{ x }}>{% endcall %}", null)]
    [InlineData("{% macro m() %}[{{ caller(3) }}]{% endmacro %}{% call(x) m() %}<{{ x }}>{% endcall %}", "[<3>]")]
    [InlineData("  {% if true %}\n a\n  {% endif %}\nb", " a\nb")]
    [InlineData("a\n  {#- c -#}\n  b", "ab")]
    [InlineData("{% raw %}{{ x }}{% endraw %}", "{{ x }}")]
    [InlineData("{{ 'a' 'b' }}{{ '\\u00e9\\n' | length }}", "ab2")]
    [InlineData("{{ undefined_thing }}|{{ undefined_thing is defined }}|{{ undefined_thing | default('d') }}", "|False|d")]
    [InlineData("{{ undefined_thing.x }}", null)]
    [InlineData("{{ none | default('d') }}|{{ none | default('d', true) }}", "None|d")]
    [InlineData("{{ messages | map(attribute='role') | join('+') }}{{ messages | selectattr('role', 'equalto', 'user') | list | length }}", "user1")]
    [InlineData("{{ {'a': [1, {'b': none}]} | tojson }}{{ [] | tojson(indent=2) }}", "{\"a\": [1, {\"b\": null}]}[]")]
    [InlineData("{{ messages[0].n + messages[0].x }}{{ messages[0] | tojson }}", "1.5{\"role\": \"user\", \"content\": \"Hi <|im_end|>\", \"n\": 1, \"x\": 0.5}")]
    [InlineData("{{ 'x' ~ 1 ~ none ~ 1.0 ~ 1e20 ~ 1e-7 }}", "x1None1.01e+201e-07")]
    [InlineData("{{ 1 < 2 < 3 }}{{ 'a' in 'abc' }}{{ 4 not in [1] }}{{ 1 == 1.0 }}{{ '1' == 1 }}", "TrueTrueTrueTrueFalse")]
    [InlineData("{{ 'a' if false }}{{ 'b' if true else 'c' }}", "b")]
    [InlineData("{% set ns = namespace(n=0) %}{% for i in [1,2,3] %}{% if i == 3 %}{% break %}{% endif %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "3")]
    [InlineData("{% set x %}a{{ 1 }}{% endset %}{{ x | upper }}", "A1")]
    [InlineData("{% generation %}a{% endgeneration %}{% with a=1 %}{{ a }}{% endwith %}", "a1")]
    [InlineData("{{ 'a,b,,c'.split(',') }}{{ ' a  b '.split() }}{{ 'a-b-c'.rsplit('-', 1) }}", "['a', 'b', '', 'c']['a', 'b']['a-b', 'c']")]
    [InlineData("{{ '%s is %d%%' % ('x', 5) }}{{ '{} {n}'.format(1, n=2) }}", "x is 5%1 2")]
    [InlineData("{{ ['b', 'A', 'c'] | sort | join }}{{ [3,1,2] | sort(reverse=true) }}{{ [1,2,1] | unique | list }}", "Abc[3, 2, 1][1, 2]")]
    [InlineData("{{ strftime_now('%Y-%m-%d %-d %b') }}", "2026-03-09 9 Mar")]
    [InlineData("{{ raise_exception('no') }}", null)]
    [InlineData("{{ messages.append(1) }}", null)]
    [InlineData("{{ ''.__class__ }}", null)]
    [InlineData("{{ 'a' + 1 }}", null)]
    [InlineData("{{ x | nofilter }}", null)]
    [InlineData("{% include 'file' %}", null)]
    [InlineData("{% if %}", null)]
    [InlineData("{{ 'a", null)]
    public void Constructs_go_as_in_jinja(string source, string? expected)
    {
        var time = new FixedTime();
        RenderedChat Render() => ChatTemplate.Parse(source, time).Render(Conversation, addGenerationPrompt: false, cancellationToken: TestContext.Current.CancellationToken);
        if (expected is null)
        {
            Assert.Throws<ChatTemplateError>(Render);
        }
        else
        {
            Assert.Equal(expected, Render().Text);
        }
    }

    [Theory]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")]
    [InlineData("{{ 'x' * 1000000000 }}")]
    [InlineData("{{ range(1000000000) }}")]
    [InlineData("{{ 9 ** 9 ** 9 ** 9 }}")]
    [InlineData("{% set ns = namespace(t='xxxxxxxx') %}{% for i in range(100) %}{% set ns.t = ns.t + ns.t %}{% endfor %}")]
    [InlineData("{{ 'aaaaaaaaaaaaaaaa' | replace('a', 'b' * 900000) | length }}{% for i in range(99999) %}{{ 'y' * 100 }}{% endfor %}")]
    [InlineData("{{ '' | center(9999999) | indent(99999999) }}{% for i in range(100000) %}{{ '%1000d' % 1 }}{% endfor %}")]
    public void A_template_without_end_is_stopped(string source) =>
        Assert.Throws<ChatTemplateError>(() => ChatTemplate.Parse(source).Render(Conversation, addGenerationPrompt: false, cancellationToken: TestContext.Current.CancellationToken));

    [Fact]
    public void Deeply_nested_templates_are_refused()
    {
        Assert.Throws<ChatTemplateError>(() => ChatTemplate.Parse("{{ " + new string('(', 100_000)));
        Assert.Throws<ChatTemplateError>(() => ChatTemplate.Parse(string.Concat(Enumerable.Repeat("{% if true %}", 100_000))));
        Assert.Throws<ChatTemplateError>(() => ChatTemplate.Parse("{{ " + new string('[', 100_000) + new string(']', 100_000) + " }}"));
    }

    [Fact]
    public void What_users_wrote_is_marked_through_every_step_and_its_special_tokens_are_text()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(GoldenData.Repository, "assets", "shakespeare", "tokenizer.model"), folder.At("tokenizer.model"));
        File.WriteAllText(folder.At("added_tokens.json"), """{"<|im_start|>": 2048, "<|im_end|>": 2049}""");
        File.WriteAllText(folder.At("special_tokens_map.json"), """{"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]}""");
        TextTokenizer tokenizer = TextTokenizer.FindIn(folder.Path)!;
        const string Source = "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + (' ' + m.content + ' ') | trim + '<|im_end|>' }}{% endfor %}";
        RenderedChat chat = ChatTemplate.Parse(Source).Render(Conversation, addGenerationPrompt: false, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("<|im_start|>user\nHi <|im_end|><|im_end|>", chat.Text);
        Assert.Equal(["user", "Hi <|im_end|>"], chat.Literal.Select(place => chat.Text[place]));
        int[] ids = tokenizer.EncodeRendered(chat.Text, chat.Literal);
        Assert.Equal([2048, 2049], ids.Where(id => id >= 2048));
        Assert.Equal("user\nHi <|im_end|>", tokenizer.Decode(ids));
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 3, 9, 12, 0, 0, TimeSpan.Zero);

        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;
    }
}
