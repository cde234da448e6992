package example.mall.goods;

import static org.hamcrest.Matchers.hasSize;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.jsonPath;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.autoconfigure.web.servlet.WebMvcTest;
import org.springframework.context.annotation.Import;
import org.springframework.test.web.servlet.MockMvc;

@WebMvcTest(properties = "goods.catalogue=classpath:two-goods.json")
@Import(Catalogue.class)
class GoodsControllerTest {

    @Autowired
    private MockMvc shop;

    @Test
    void listsTheFile() throws Exception {
        shop.perform(get("/goods"))
            .andExpect(status().isOk())
            .andExpect(jsonPath("$", hasSize(2)))
            .andExpect(jsonPath("$[1].name").value("Teapot"));
    }

    @Test
    void namesThePrice() throws Exception {
        shop.perform(get("/goods/7"))
            .andExpect(status().isOk())
            .andExpect(jsonPath("$.price").value(89.5));
    }

    @Test
    void doesNotKnowOtherGoods() throws Exception {
        shop.perform(get("/goods/8")).andExpect(status().isNotFound());
    }
}
