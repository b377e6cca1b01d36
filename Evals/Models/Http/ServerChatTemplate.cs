using Factory.Evals.Prompts;

namespace Factory.Evals.Models.Http;

/// <summary>The chat template of a server's model: that of the tokenizer one was given, else what the server's /tokenizer_info says.</summary>
internal static class ServerChatTemplate
{
    /// <exception cref="Core.UserError">The server cannot be reached or refuses.</exception>
    public static async Task<ChatTemplateSource> FindAsync(ServerModelOptions options, CancellationToken cancellationToken)
    {
        if (options.Tokenizer is not null)
        {
            return ChatTemplateSource.From(options.Tokenizer);
        }
        using var server = new ServerClient(options.Root, options.Key);
        TokenizerInfoResponse? info = await RemoteTextEncoder.DescribeAsync(server, options.Model, cancellationToken).ConfigureAwait(false);
        (string Role, string? Text)[] texts = [("bos_token", info?.BosToken), ("eos_token", info?.EosToken), ("unk_token", info?.UnkToken), ("pad_token", info?.PadToken)];
        return new ChatTemplateSource($"{options.Root} (/tokenizer_info)", info?.ChatTemplate, texts.Where(text => text.Text is not null).ToDictionary(text => text.Role, text => text.Text!));
    }
}
