using Inference.Models;
using Inference.Models.Settings;

namespace Inference.Protocols.Text;

/// <summary>Finds the prompt that is prepended to each text of a request.</summary>
internal static class TextPrompts
{
    /// <returns>The prompt; empty for none.</returns>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the model has no prompt with this name.
    /// </exception>
    public static string Find(Model model, TextOptions options)
    {
        if (model.Task is not (ModelTask.FeatureExtraction or null) || (options.PromptName ?? model.Text!.DefaultPrompt) is not { } name)
            return "";
        return model.Text!.Prompts.TryGetValue(name, out var prompt) ? prompt : throw InferenceException.InvalidRequest(
            model.Text.Prompts.IsEmpty ? $"Model {model.Id.Name} has no prompt \"{Quote.Shorten(name)}\", because it has no prompts."
            : $"Model {model.Id.Name} has no prompt \"{Quote.Shorten(name)}\".{ProblemText.Suggest(name, [.. model.Text.Prompts.Keys])}");
    }
}
